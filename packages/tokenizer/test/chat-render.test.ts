import { describe, expect, it } from 'vitest';
import { type ChatMessage, renderChat } from '../src/chat/apply-chat-template.js';
import { chatTemplate } from '../src/chat/chat-template.js';
import { chatTemplateFromConfig } from '../src/chat/template-config.js';
import { type ChatGolden, golden } from './golden.js';

const { templates, chats, cases, special } = golden<ChatGolden>('chat.json');
const specialTokens = new Map(Object.entries(special));
const user = (content: string): ChatMessage => ({ role: 'user', content });

/** What is undefined counts as '' in Python's Jinja; here an operation on it is an error. */
const STRICTER = ['Llama 3', 'Gemma', 'thinking'].map((template) => `${template}: tools`);

describe.each(Object.entries(templates))('%s is rendered as by transformers', (name, source) => {
  const template = chatTemplate(source, specialTokens);

  it.each(cases.filter((each) => each.template === name))(
    '$chat, generation prompt: $prompt',
    ({ chat, prompt, text, refused }) => {
      const { messages, tools } = chats[chat];
      const render = () => renderChat(template, messages, { tools, addGenerationPrompt: prompt });
      if (STRICTER.includes(`${name}: ${chat}`)) expect(render).toThrow(/undefined/i);
      else if (text !== undefined) expect(render()).toBe(text);
      else if (source.includes(refused ?? '')) expect(render).toThrow(refused);
      else expect(render).toThrow(expect.objectContaining({ name: 'HeddleError' }));
    },
  );
});

describe('what goes wrong', () => {
  it.each([
    ['{% if x %}\n{{ y }}\n', 2, 'it ends where a block is still open'],
    ['a\n\n{{ 1 + }}', 3, 'CloseExpression'],
    ['\n{% nonsense %}', 2, 'nonsense'],
    ['\n\n\n{{ "open }}', 4, 'end of input'],
    ['{# open', 1, ''],
    ['a\n{{ a ? b }}', 2, 'Unexpected character: ?'],
    ['{{ "\\q" }}', 1, 'escaped character'],
    ['{% endif %}', 1, 'endif'],
    [`\n{{ '${'x'.repeat(20_000)}' }}`, 2, 'a tag is longer'],
    ['x'.repeat(2 ** 20 + 1), 1, 'longer than'],
  ])('%j cannot be parsed', (source, line, reason) => {
    if (reason === '') return expect(renderChat(source, [])).toBe('');
    expect(() => chatTemplate(source)).toThrow(
      expect.objectContaining({
        code: 'tokenizer/bad-template',
        message: expect.stringContaining(`line ${line}: `),
        details: expect.objectContaining({ line, reason: expect.stringContaining(reason) }),
      }),
    );
  });

  it.each([
    ['a\n{% for m in messages %}\n{{ m.content + none }}\n{% endfor %}', 3],
    ["\n\n{{ messages.constructor('x') }}", 3],
    ["{{ ''.constructor.constructor('return 1')() }}", 1],
    ['{{ messages.__proto__.x() }}', 1],
    ['\n{{ messages | nothing }}', 2],
    ['{{ range(1000000000) }}', 1],
    ["{{ strftime_now('%Q') }}", 1],
    ['{% macro again() %}{{ again() }}{% endmacro %}\n{{ again() }}', 1],
  ])('%j fails with its line', (source, line) => {
    expect(() => renderChat(source, [user('x')])).toThrow(
      expect.objectContaining({
        code: 'tokenizer/bad-template',
        details: expect.objectContaining({ line }),
      }),
    );
  });

  it('a refusal is told from a fault', () => {
    const source = "\n{{ raise_exception('No ' + messages[0].role) }}";
    expect(() => renderChat(source, [user('')])).toThrow(
      expect.objectContaining({
        code: 'tokenizer/template-refused',
        details: { line: 2, reason: 'No user' },
      }),
    );
  });
});

describe('a template is bounded', () => {
  const loop = (inner: string): string =>
    `{% for a in range(50000) %}{% for b in range(50000) %}${inner}{% endfor %}{% endfor %}`;
  const thirty = (step: string): string => `{% for i in range(60) %}${step}{% endfor %}`;

  it.each([
    ['many steps', loop('{% if b %}{% endif %}')],
    ['a long text', thirty('{% set n.x = n.x ~ n.x %}')],
    ['a long sum of texts', thirty('{{ m }}').replaceAll('60', '90000')],
    ['lists of lists', `${thirty('{% set n.x = [n.x, n.x] %}')}{{ n.x | tojson }}`],
    ['objects of objects', `${thirty("{% set n.x = {'a': n.x, 'b': n.x} %}")}{{ n.x }}`],
    ['a long list', thirty('{% set n.x = [1, 2] + (n.x | list) + (n.x | list) %}')],
    [
      'namespaces of namespaces',
      "{% set n0 = namespace(x='ha') %}" +
        Array.from(
          { length: 40 },
          (_, i) => `{% set n${i + 1} = namespace(a=n${i}, b=n${i}) %}`,
        ).join('') +
        '{{ n40 | tojson }}',
    ],
  ])('%s', (_name, source) => {
    const start = performance.now();
    const seed = source.includes('[1, 2] +') ? '[1]' : "'ha'";
    const whole = `{% set n = namespace(x=${seed}) %}\n{% set m = 'm' * 1 if false else messages[0].content %}${source}`;
    expect(() => renderChat(whole, [user('m'.repeat(10_000))], { timeLimit: 3000 })).toThrow(
      expect.objectContaining({
        code: 'tokenizer/template-limit',
        details: expect.objectContaining({ line: 2 }),
      }),
    );
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('values in values without end', () => {
    const content = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    for (const options of [{}, { tools: [content] }, { variables: { deep: content } }]) {
      const messages = [{ role: 'user', content: 'tools' in options ? '' : content }];
      expect(() => renderChat('{{ messages }}', messages, options)).toThrow(
        expect.objectContaining({ code: 'invalid-argument' }),
      );
    }
  });

  it('in time', () => {
    expect(() => renderChat(loop('{{ b }}'), [], { timeLimit: 20 })).toThrow('more than its time');
  });
});

describe('what a template knows', () => {
  it('dates, variables, documents; null fields of messages are left out', () => {
    const source =
      "{{ strftime_now('%d %b %Y, %A %H:%M %%') }}|{{ mood }}|{{ documents[0].title }}|{{ tools is none }}|{{ messages[0].name is defined }}|{{ bos_token }}";
    const text = renderChat(source, [{ role: 'user', content: '', name: null }], {
      now: new Date(2024, 6, 3, 4, 5),
      variables: { mood: 'good', bos_token: '<other>' },
      documents: [{ title: 'T' }],
    });
    expect(text).toBe('03 Jul 2024, Wednesday 04:05 %|good|T|true|false|<other>');
  });

  it('words of JavaScript are words', () => {
    const source =
      '{% for m in messages %}{{ m.content }}{{ m.hasOwnProperty }}{{ m["__proto__"] }},{% endfor %}';
    const messages = [
      user('__proto__'),
      JSON.parse('{"role": "user", "content": "x", "__proto__": "own"}'),
    ];
    expect(renderChat(source, messages)).toBe('__proto__,xown,');
  });

  it('private characters of users stay, and no mark of ours comes out', () => {
    const all = String.fromCharCode(...Array.from({ length: 40 }, (_, i) => 0xe000 + i));
    const text = `${all}\\ue028\\ue029`;
    expect(
      renderChat('{% generation %}{{ messages[0].content }}{% endgeneration %}', [user(text)]),
    ).toBe(text);
  });
});

it('blocks in blocks without end are refused', () => {
  const source = '{% if a %}'.repeat(40_000) + '{% endif %}'.repeat(40_000);
  expect(() => chatTemplate(source)).toThrow(/^chat template, line 1: it is nested too deep\.$/);
});

it('messages with every private-use character leave none for marks', () => {
  const all = Array.from({ length: 0x1900 }, (_, i) => String.fromCharCode(0xe000 + i));
  expect(() => renderChat('{{ messages[0].content }}', [user(all.join(''))])).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
  expect(renderChat('{{ messages[0].content }}', [user(all.slice(4).join(''))])).toHaveLength(6396);
});

describe('tokenizer_config.json', () => {
  const config = {
    bos_token: { content: '<s>', lstrip: false },
    eos_token: '</s>',
    pad_token: null,
    additional_special_tokens: ['<x>', { content: '<y>' }],
    chat_template: [
      { name: 'default', template: '{{ bos_token }}{{ eos_token }}{{ pad_token is defined }}' },
      { name: 'rag', template: '{{ additional_special_tokens | join }}' },
    ],
  };

  it('has one template or several, and special tokens', () => {
    expect(renderChat(chatTemplateFromConfig(config), [])).toBe('<s></s>false');
    expect(renderChat(chatTemplateFromConfig(config, { name: 'rag' }), [])).toBe('<x><y>');
    const one = { chat_template: 'one' };
    expect(renderChat(chatTemplateFromConfig(one), [])).toBe('one');
    expect(renderChat(chatTemplateFromConfig(one, { source: '{{ 1 }}' }), [])).toBe('1');
  });

  it.each([
    [config, 'tools', 'tokenizer/no-template', 'there are default, rag'],
    [{}, 'default', 'tokenizer/no-template', 'there is none'],
    [{ chat_template: 7 }, 'default', 'tokenizer/bad-json', 'chat_template'],
    [
      { chat_template: [{ name: 'default' }] },
      'default',
      'tokenizer/bad-json',
      'chat_template[0].template',
    ],
    [{ chat_template: 'x', eos_token: 2 }, 'default', 'tokenizer/bad-json', 'eos_token'],
    [[], 'default', 'tokenizer/bad-json', 'tokenizer_config'],
  ])('%j without %s', (given, name, code, message) => {
    expect(() => chatTemplateFromConfig(given, { name })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
