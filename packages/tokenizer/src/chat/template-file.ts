import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HeddleError, withIo } from '@heddle/core';
import type { ChatTemplate } from './chat-template.js';
import { chatTemplateFromConfig } from './template-config.js';

/** Larger files are refused unread. The largest known configurations have about 200 KB. */
const MOST_BYTES = 1 << 24;

/**
 * The chat template of a model's folder: of `tokenizer_config.json`, or of `chat_template.jinja` and
 * `additional_chat_templates/<name>.jinja` where they are.
 *
 * @param options.name which one of several templates; default `default`
 * @throws HeddleError `io`, `bad-file`, and all that `chatTemplateFromConfig` throws
 */
export async function loadChatTemplate(
  folder: string,
  options: { readonly name?: string } = {},
): Promise<ChatTemplate> {
  const { name = 'default' } = options;
  const path = join(folder, 'tokenizer_config.json');
  const config = parsed(path, await read(path));
  const file =
    name === 'default' ? 'chat_template.jinja' : join('additional_chat_templates', `${name}.jinja`);
  const jinja = join(folder, file);
  // A name is no way out of the folder.
  const source = basename(name) === name && existsSync(jinja) ? await read(jinja) : undefined;
  return chatTemplateFromConfig(config, { name, source });
}

function read(path: string): Promise<string> {
  return withIo('read', path, async () => {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw badFile(path, `it has ${size} bytes, more than ${MOST_BYTES}`);
    return readFile(path, 'utf8');
  });
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badFile(path, error instanceof Error ? error.message : String(error));
  }
}

function badFile(path: string, reason: string): HeddleError<'bad-file'> {
  return new HeddleError('bad-file', `${path}: ${reason}.`, { path, reason });
}
