import { checkContract, type Document, type Item, type Stage } from '@heddle/core';
import { stageSuite } from '@heddle/testkit';
import { describe, expect, it } from 'vitest';
import { plugin, redactEmails } from '../src/index.js';

const document = (text: string): Document => ({ id: text, text, meta: { from: 'test' } });

stageSuite({
  runner: { describe, it },
  create: () => redactEmails(),
  inputs: ['write to a.b@example.org', 'no address', '', 'a@b.de, c@d.fr'].map(document),
});

async function through(stage: Stage<Document, Document>, text: string): Promise<string> {
  async function* items(): AsyncGenerator<Item<Document>> {
    yield { value: document(text), cursor: 0 };
  }
  for await (const { value } of stage(items())) return value.text;
  throw new Error('nothing came out');
}

it.each([
  ['Mail jane.doe+news@mail.example.co.uk!', 'Mail <email>!'],
  ['From: <x@y.org>, to: ümit@köln.de.', 'From: <<email>>, to: <email>.'],
  ['a @ b, @name, name@, 5@home', 'a @ b, @name, name@, 5@home'],
])('%s', async (text, wanted) => {
  expect(await through(redactEmails(), text)).toBe(wanted);
});

it('takes the replacement as it is', async () => {
  expect(await through(redactEmails({ replacement: '$&' }), 'a@b.de')).toBe('$&');
});

it('is offered to the command by its name', async () => {
  checkContract(plugin);
  const make = plugin.stages?.['part-name'];
  const stage = await make?.({ replacement: '#' });
  expect(await through(stage ?? redactEmails(), 'a@b.de')).toBe('#');
  expect(() => make?.({ replacement: 1 })).toThrow(/"replacement" cannot be 1/);
  expect(() => make?.({ replace: '#' })).toThrow(/"replace" cannot be "#"/);
});
