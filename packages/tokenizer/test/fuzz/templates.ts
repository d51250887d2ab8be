import fc from 'fast-check';
import { anyTexts } from './texts.js';

/** Pieces of templates: whole tags, and what may stand in them or break them. */
const TAGS = [
  ...[
    '{% for m in messages %}',
    '{% endfor %}',
    '{% if m.role %}',
    '{% else %}',
    '{% endif %}',
    '{%- set x = [x, x] -%}',
  ],
  ...[
    '{% set n = namespace(a=1) %}',
    '{% set n.a = n %}',
    '{% set n.__proto__ = 1 %}',
    '{{ n | tojson }}',
    '{{ n.__proto__.a }}',
  ],
  ...[
    '{% macro f(a, b=f) %}',
    '{% endmacro %}',
    '{{ f(f) }}',
    '{% call f() %}',
    '{% endcall %}',
    '{% filter upper %}',
    '{% endfilter %}',
  ],
  ...[
    '{% generation %}',
    '{% endgeneration %}',
    '{% break %}',
    '{% continue %}',
    '{# comment #}',
    '{% raw %}',
    '{{ caller() }}',
  ],
  ...[
    '{{ ',
    ' }}',
    '{% ',
    ' %}',
    '{#',
    '#}',
    "'",
    '"',
    '\\',
    '{',
    '}',
    '\n',
    ' ',
    '<s>',
    '-%}',
    '{{-',
  ],
];
const OPERANDS = [
  ...[
    'messages',
    'm',
    'm.content',
    "m['role']",
    'tools',
    'documents',
    'none',
    'true',
    '1',
    '0',
    '-1',
    '0.5',
    '1e308',
    "'a'",
    "'%'",
    '""',
  ],
  ...[
    '[]',
    '[1, 2]',
    '{}',
    "{'a': 1, '__proto__': 2}",
    '(1, 2)',
    'loop',
    'loop.index',
    'range(3)',
    'range(99999)',
    'range',
    'x',
  ],
  ...[
    'bos_token',
    'strftime_now',
    'raise_exception',
    'namespace',
    'constructor',
    'messages.constructor',
    "''.__proto__",
    '99999999999',
  ],
];
const OPERATORS = [
  ...[
    '+',
    '-',
    '*',
    '/',
    '//',
    '%',
    '~',
    '==',
    '!=',
    '<',
    '>',
    '<=',
    'and',
    'or',
    'in',
    'not in',
    'is',
    'is not',
    'if',
    'else',
    '|',
    '.',
    ',',
    '**',
  ],
];
const FILTERS = [
  ...[
    'length',
    'upper',
    'trim',
    'tojson',
    'tojson(indent=2)',
    'items',
    'list',
    'join',
    "join('x')",
    'first',
    'last',
    'reverse',
    'sort',
    'int',
    'float',
  ],
  ...[
    'string',
    'default(1)',
    'selectattr("role")',
    'map(attribute="role")',
    "replace('', 'aa')",
    'indent(999999999)',
    'unique',
    'abs',
    'safe',
    'capitalize',
  ],
  ...[
    'dictsort',
    'rejectattr("role", "equalto", "a")',
    'escape',
    'nothing',
    "split('')",
    'batch(2)',
    'title',
    'random',
    'round',
  ],
];
const METHODS = [
  ...[
    '.split()',
    ".split('a')",
    '.strip()',
    '.items()',
    '.keys()',
    '.get("a")',
    '.upper()',
    ".replace('a', 'b')",
    ".startswith('a')",
    '[0]',
    '[-1]',
  ],
  ...[
    '[1:]',
    '[::-1]',
    '[::0]',
    '[:99999999999]',
    '()',
    '(1, a=2)',
    "['__proto__']",
    '.append(1)',
    '.pop()',
    '.join(messages)',
    '.length',
    '.rstrip()',
    '.format(1)',
  ],
];

const expression = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...OPERANDS) },
      { weight: 3, arbitrary: fc.constantFrom(...OPERATORS) },
      { weight: 2, arbitrary: fc.constantFrom(...FILTERS).map((filter) => `| ${filter}`) },
      { weight: 2, arbitrary: fc.constantFrom(...METHODS) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '(',
          ')',
          '[',
          ']',
          '{',
          '}',
          'not',
          'is defined',
          'is none',
          'is string',
          'is mapping',
        ),
      },
    ),
    { minLength: 1, maxLength: 7 },
  )
  .map((parts) => parts.join(' ').replaceAll(' .', '.').replaceAll(' [', '['));

/** Templates of such pieces and of expressions, and those of models with a stretch put in or taken out. */
export function anyTemplates(sources: readonly string[]): fc.Arbitrary<string> {
  const tags = [
    ...TAGS,
    ...sources.flatMap((source) => source.match(/\{%.*?%\}|\{\{.*?\}\}/gs) ?? []),
  ];
  const templateParts = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...tags) },
      { weight: 3, arbitrary: expression.map((inner) => `{{ ${inner} }}`) },
      { weight: 1, arbitrary: expression.map((inner) => `{% set x = ${inner} %}`) },
      { weight: 1, arbitrary: expression.map((inner) => `{% if ${inner} %}y{% endif %}`) },
      {
        weight: 1,
        arbitrary: expression.map((inner) => `{% for m in ${inner} %}{{ m }}{% endfor %}`),
      },
      { weight: 1, arbitrary: anyTexts },
    ),
    { maxLength: 6 },
  );
  /** Templates of models with a stretch put in or taken out. */
  const broken = fc
    .tuple(
      fc.nat(sources.length - 1),
      fc.array(fc.tuple(fc.nat(9999), fc.nat(20), fc.constantFrom('', ...tags)), { maxLength: 2 }),
    )
    .map(([i, edits]) =>
      edits.reduce((source, [at, length, text]) => {
        const start = at % (source.length + 1);
        return source.slice(0, start) + text + source.slice(start + length);
      }, sources[i]),
    );
  return fc.oneof({ weight: 2, arbitrary: templateParts.map((parts) => parts.join('')) }, broken);
}
