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
import { anyTemplates } from './templates.js';
import { anyTexts, wellFormed } from './texts.js';

const { tokenizer: json, templates, chats } = golden<ChatGolden>('chat.json');
const tokenizer = tokenizerFromJson(json);
const SOURCES = Object.values(templates);
const sources = anyTemplates(SOURCES);
const SPECIAL = (
  json as { added_tokens: { content: string; id: number; special: boolean }[] }
).added_tokens.filter((token) => token.special);

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
