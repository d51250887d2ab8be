import { Environment } from './jinja.js';

/** Numbers that `range` gives at most. */
const MOST_RANGE = 100_000;

/** What a template says to `raise_exception`. */
export class TemplateRefusal extends Error {}

/** The functions and constants that transformers gives to templates, and these variables; theirs win. */
export function templateEnvironment(
  variables: ReadonlyMap<string, unknown>,
  now: Date,
): Environment {
  const globals = new Map<string, unknown>([
    ...[true, false].flatMap((flag) => namedTwice(String(flag), flag)),
    ...namedTwice('none', null),
    ['range', range],
    ['strftime_now', (format: unknown) => strftime(now, String(format))],
    [
      'raise_exception',
      (reason: unknown) => {
        throw new TemplateRefusal(String(reason));
      },
    ],
    ...variables,
  ]);
  const environment = new Environment();
  for (const [name, value] of globals) {
    environment.variables.delete(name);
    environment.set(name, value);
  }
  return environment;
}

function namedTwice(name: string, value: unknown): [string, unknown][] {
  return [
    [name, value],
    [name[0].toUpperCase() + name.slice(1), value],
  ];
}

function range(first: unknown, second?: unknown, third?: unknown): number[] {
  const [start, stop, step] =
    second === undefined ? [0, first, 1] : [first, second, third === undefined ? 1 : third];
  if (![start, stop, step].every(Number.isSafeInteger) || step === 0)
    throw new Error('range() takes whole numbers, and a step that is not 0');
  const [from, to, by] = [start, stop, step] as [number, number, number];
  const length = Math.max(0, Math.ceil((to - from) / by));
  if (length > MOST_RANGE) throw new Error(`range() has more than ${MOST_RANGE} numbers`);
  return Array.from({ length }, (_, i) => from + i * by);
}

const MONTHS =
  'January February March April May June July August September October November December';
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday';

/** Python's `strftime` as far as dates and times go, with English names. */
function strftime(date: Date, format: string): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const month = MONTHS.split(' ')[date.getMonth()];
  const day = DAYS.split(' ')[date.getDay()];
  const fields = new Map([
    ['Y', String(date.getFullYear())],
    ['y', two(date.getFullYear() % 100)],
    ['m', two(date.getMonth() + 1)],
    ['B', month],
    ['b', month.slice(0, 3)],
    ['d', two(date.getDate())],
    ['A', day],
    ['a', day.slice(0, 3)],
    ['H', two(date.getHours())],
    ['I', two(date.getHours() % 12 || 12)],
    ['p', date.getHours() < 12 ? 'AM' : 'PM'],
    ['M', two(date.getMinutes())],
    ['S', two(date.getSeconds())],
    ['%', '%'],
  ]);
  return format.replace(/%(.)/gs, (whole, field: string) => {
    const value = fields.get(field);
    if (value === undefined) throw new Error(`strftime_now() does not know ${whole}`);
    return value;
  });
}
