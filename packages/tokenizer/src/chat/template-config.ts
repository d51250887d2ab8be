import { HeddleError, type Json } from '@heddle/core';
import { arrayAt, objectAt, stringAt } from '../json-reader.js';
import { type ChatTemplate, chatTemplate } from './chat-template.js';

export interface TemplateConfigOptions {
  /** Which one of several templates. Default `default`. */
  readonly name?: string;
  /** The content of a `chat_template.jinja`, which goes before the template of that name in the configuration. */
  readonly source?: string;
}

const SPECIAL_TOKENS = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'].map(
  (name) => `${name}_token`,
);

/**
 * The chat template of the content of a `tokenizer_config.json`, with the special tokens that stand there.
 *
 * @throws tokenizer/no-template, tokenizer/bad-template, tokenizer/bad-json
 */
export function chatTemplateFromConfig(
  config: unknown,
  options: TemplateConfigOptions = {},
): ChatTemplate {
  const { name = 'default' } = options;
  const root = objectAt(config, 'tokenizer_config');
  const templates = templatesAt(root.chat_template ?? []);
  const source = options.source ?? templates.get(name);
  if (source === undefined) throw noTemplate(name, [...templates.keys()]);
  const specialTokens = SPECIAL_TOKENS.flatMap((key): [string, string][] => {
    const value = root[key] ?? undefined;
    return value === undefined ? [] : [[key, tokenAt(value, key)]];
  });
  const more = root.additional_special_tokens ?? undefined;
  const place = 'additional_special_tokens';
  return chatTemplate(
    source,
    new Map<string, Json>([
      ...specialTokens,
      ...(more === undefined
        ? []
        : [[place, arrayAt(more, place).map((token) => tokenAt(token, place))] as const]),
    ]),
  );
}

/** A template is a string, or several have names. */
function templatesAt(value: unknown): ReadonlyMap<string, string> {
  if (typeof value === 'string') return new Map([['default', value]]);
  return new Map(
    arrayAt(value, 'chat_template').map((entry, i) => {
      const place = `chat_template[${i}]`;
      const { name, template } = objectAt(entry, place);
      return [stringAt(name, `${place}.name`), stringAt(template, `${place}.template`)];
    }),
  );
}

/** A token is a string, or an object with its `content`. */
function tokenAt(value: unknown, place: string): string {
  if (typeof value === 'string') return value;
  return stringAt(objectAt(value, place).content, `${place}.content`);
}

function noTemplate(name: string, names: readonly string[]): HeddleError<'tokenizer/no-template'> {
  const there = names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;
  return new HeddleError(
    'tokenizer/no-template',
    `tokenizer_config.json has no chat template ${JSON.stringify(name)}; ${there}. Newer models have it in a file chat_template.jinja.`,
    { name, names },
  );
}
