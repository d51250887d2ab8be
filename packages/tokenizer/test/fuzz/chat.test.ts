import { HeddleError, type Json } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import {
  type AppliedChat,
  type ApplyChatTemplateOptions,
  applyChatTemplate,
} from '../../src/chat/apply-chat-template.js';
import { chatTemplateFromConfig } from '../../src/chat/template-config.js';
import { tokenizerFromJson } from '../../src/tokenizer-json.js';
import { type ChatGolden, golden } from '../golden.js';
import { fuzz } from './fuzz.js';
import { mutated, mutations } from './mutations.js';
import { anyTexts, wellFormed } from './texts.js';

const { tokenizer: json, templates, chats } = golden<ChatGolden>('chat.json');
const tokenizer = tokenizerFromJson(json);
const SOURCES = Object.values(templates);
const SPECIAL = (
  json as { added_tokens: { content: string; id: number; special: boolean }[] }
).added_tokens.filter((token) => token.special);

/** Pieces of templates: whole tags, and what may stand in them or break them. */
const TAGS = [
  ...SOURCES.flatMap((source) => source.match(/\{%.*?%\}|\{\{.*?\}\}/gs) ?? []),
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

const templateParts = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...TAGS) },
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
    fc.nat(SOURCES.length - 1),
    fc.array(fc.tuple(fc.nat(9999), fc.nat(20), fc.constantFrom('', ...TAGS)), { maxLength: 2 }),
  )
  .map(([i, edits]) =>
    edits.reduce((source, [at, length, text]) => {
      const start = at % (source.length + 1);
      return source.slice(0, start) + text + source.slice(start + length);
    }, SOURCES[i]),
  );
const sources = fc.oneof(
  { weight: 2, arbitrary: templateParts.map((parts) => parts.join('')) },
  broken,
);

type Chat = ChatGolden['chats'][string];

/** Chats of the golden file, changed; what is no message any more is left out. */
const anyChats: fc.Arbitrary<Chat> = fc
  .tuple(
    fc.constantFrom(...Object.keys(chats)),
    mutations(Object.values(chats), 3),
    fc.array(
      fc.record({ role: fc.constantFrom('user', 'assistant', 'system', ''), content: anyTexts }),
      { maxLength: 2 },
    ),
  )
  .map(([name, changes, more]) => {
    const { messages, tools } = chats[name];
    const changed = (mutated({ messages, tools: tools ?? null }, changes) ?? {}) as Partial<Chat>;
    const list = Array.isArray(changed.messages) ? changed.messages : [];
    const objects = list.filter(
      (each) => typeof each === 'object' && each !== null && !Array.isArray(each),
    );
    return {
      messages: [...objects, ...more],
      ...(Array.isArray(changed.tools) && { tools: changed.tools }),
    };
  });

const CODES = ['bad-template', 'template-refused', 'template-limit', 'no-assistant-mask'].map(
  (code) => `tokenizer/${code}`,
);

/** What a template makes of a chat, or undefined where it refuses. */
function apply(
  source: string,
  { messages, tools }: Chat,
  options: ApplyChatTemplateOptions,
): AppliedChat | undefined {
  try {
    return applyChatTemplate(tokenizer, source, messages, { tools, timeLimit: 1000, ...options });
  } catch (error) {
    if (!HeddleError.is(error)) throw error;
    expect(CODES).toContain(error.code);
    return undefined;
  }
}

describe('any chat template is run within its limits, or refused', () => {
  const options = fc.record({ addGenerationPrompt: fc.boolean(), assistantMask: fc.boolean() });

  fuzz(
    'with tokens that are its text',
    1000,
    fc.tuple(sources, anyChats, options),
    ([source, chat, given]) => {
      const applied = apply(source, chat, { ...given, offsets: true });
      if (!applied) return;
      const { text, ids, offsets, assistantMask } = applied;
      expect(tokenizer.decode(ids, { skipSpecialTokens: false })).toBe(wellFormed(text));
      expect(offsets?.length).toBe(2 * ids.length);
      if (given.assistantMask) expect(assistantMask?.length).toBe(ids.length);
      for (const { content, id } of SPECIAL) {
        if (!source.includes(content)) expect(ids.includes(id)).toBe(false);
      }
    },
  );

  fuzz(
    'of models, with any messages',
    600,
    fc.tuple(fc.constantFrom(...SOURCES), anyChats, options),
    ([source, chat, given]) => {
      const applied = apply(source, chat, given);
      if (!applied) return;
      const { text, ids } = applied;
      expect(tokenizer.decode(ids, { skipSpecialTokens: false })).toBe(wellFormed(text));
      // A template that cuts or measures texts sees the marks around the special tokens in them.
      const written = JSON.stringify(chat);
      if (SPECIAL.some(({ content }) => written.includes(content))) return;
      const parsed = apply(source, chat, { ...given, parseSpecialTokens: true });
      expect(parsed?.text).toBe(text);
      expect(parsed && [...parsed.ids]).toEqual([...ids]);
    },
  );
});

describe('tokenizer_config.json', () => {
  const config: Json = {
    bos_token: { content: '<s>', lstrip: false },
    eos_token: '</s>',
    pad_token: null,
    additional_special_tokens: ['<x>', { content: '<y>' }],
    chat_template: [
      { name: 'default', template: '{{ bos_token }}{{ messages }}' },
      { name: 'rag', template: '{{ additional_special_tokens | join }}' },
    ],
  };

  fuzz(
    'is read or refused',
    1000,
    fc.tuple(mutations([config], 3), fc.constantFrom('default', 'rag', '__proto__')),
    ([changes, name]) => {
      try {
        chatTemplateFromConfig(mutated(config, changes), { name });
      } catch (error) {
        if (!HeddleError.is(error)) throw error;
        expect(error.code).toMatch(/^tokenizer\/(bad-json|bad-template|no-template)$/);
      }
    },
  );
});
