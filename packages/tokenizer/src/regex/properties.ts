import { CATEGORY_RUNS } from '../unicode/category-table.js';
import {
  ANY_POINT,
  type CodeSet,
  complement,
  intersection,
  rangeSet,
  union,
  unpackSet,
} from '../unicode/code-set.js';
import { unpackNumbers } from '../unicode/packed-runs.js';
import { SCRIPT_NAMES, SCRIPT_RUNS } from '../unicode/script-table.js';
import { WORD_RUNS } from '../unicode/word-table.js';

/** Short and long names of the general categories, in the order of the table. */
const CATEGORY_NAMES =
  'Cn=Unassigned Lu=UppercaseLetter Ll=LowercaseLetter Lt=TitlecaseLetter Lm=ModifierLetter Lo=OtherLetter Mn=NonspacingMark Mc=SpacingMark Me=EnclosingMark Nd=DecimalNumber Nl=LetterNumber No=OtherNumber Pc=ConnectorPunctuation Pd=DashPunctuation Ps=OpenPunctuation Pe=ClosePunctuation Pi=InitialPunctuation Pf=FinalPunctuation Po=OtherPunctuation Sm=MathSymbol Sc=CurrencySymbol Sk=ModifierSymbol So=OtherSymbol Zs=SpaceSeparator Zl=LineSeparator Zp=ParagraphSeparator Cc=Control Cf=Format Co=PrivateUse';
/** Those of several categories. */
const GROUPS: readonly (readonly [names: string, members: string])[] = [
  ['L=Letter', 'Lu Ll Lt Lm Lo'],
  ['LC=CasedLetter', 'Lu Ll Lt'],
  ['M=Mark', 'Mn Mc Me'],
  ['N=Number', 'Nd Nl No'],
  ['P=Punctuation=Punct', 'Pc Pd Ps Pe Pi Pf Po'],
  ['S=Symbol', 'Sm Sc Sk So'],
  ['Z=Separator', 'Zs Zl Zp'],
  ['C=Other', 'Cn Cc Cf Co'],
];

let properties: Map<string, CodeSet> | undefined;

/**
 * The code points with a property: a general category or a script by its short or its long name, `Any`, `Assigned`,
 * `ASCII`. Undefined if there is no such property here. Letter case, spaces, `_` and `-` do not matter.
 */
export function propertySet(name: string): CodeSet | undefined {
  properties ??= readProperties();
  return properties.get(plain(name));
}

const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, '');

function readProperties(): Map<string, CodeSet> {
  const sets = new Map<string, CodeSet>();
  const add = (names: string, set: CodeSet): void => {
    for (const name of names.split('=')) sets.set(plain(name), set);
  };
  const scripts = SCRIPT_NAMES.split(' ');
  for (const [kind, set] of setsByKind(SCRIPT_RUNS, scripts.length)) add(scripts[kind], set);
  const categories = CATEGORY_NAMES.split(' ');
  for (const [kind, set] of setsByKind(CATEGORY_RUNS, categories.length))
    add(categories[kind], set);
  for (const [names, members] of GROUPS) {
    add(names, union(...members.split(' ').map((member) => sets.get(plain(member)) as CodeSet)));
  }
  add('Any', ANY_POINT);
  add('Assigned', complement(sets.get('cn') as CodeSet));
  add('ASCII', rangeSet(0, 0x7f));
  add('WhiteSpace=Space', spaceSet());
  add('Digit', sets.get('nd') as CodeSet);
  return sets;
}

/** The set of each kind of a table of lengths and kinds; after its end is kind 0. */
function setsByKind(packed: string, count: number): Map<number, CodeSet> {
  const bounds = Array.from({ length: count }, (): number[] => []);
  let point = 0;
  const numbers = unpackNumbers(packed);
  for (let i = 0; i < numbers.length; i += 2) {
    bounds[numbers[i + 1]].push(point, point + numbers[i]);
    point += numbers[i];
  }
  if (point < 0x110000) bounds[0].push(point, 0x110000);
  return new Map(bounds.entries());
}

/** `\s`: the White_Space of Unicode. JavaScript's has U+FEFF and lacks U+0085. */
export function spaceSet(): CodeSet {
  return [
    0x09, 0x0e, 0x20, 0x21, 0x85, 0x86, 0xa0, 0xa1, 0x1680, 0x1681, 0x2000, 0x200b, 0x2028, 0x202a,
    0x202f, 0x2030, 0x205f, 0x2060, 0x3000, 0x3001,
  ];
}

/** `\w` of Rust: alphabetic characters, marks, decimal digits, connectors and joiners. */
export function rustWordSet(): CodeSet {
  return unpackSet(WORD_RUNS);
}

/** `\w` of Oniguruma is without the joiners; outside of a class it has ² ³ ¹ ¼ ½ ¾. */
export function onigurumaWordSet(inClass: boolean): CodeSet {
  const words = intersection(rustWordSet(), complement(rangeSet(0x200c, 0x200d)));
  return inClass ? words : union(words, [0xb2, 0xb4, 0xb9, 0xba, 0xbc, 0xbf]);
}
