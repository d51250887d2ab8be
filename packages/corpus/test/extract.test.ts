import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { stageSuite } from '@heddle/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extract, htmlToText, markdownToText } from '../src/index.js';
import { apply, document, shared } from './support.js';

describe('markdownToText', () => {
  it('keeps headings, lists, code and tables as readable text', () => {
    const markdown = `---
title: Front matter
tags: [a, b]
---
# A *Title* [![badge](https://x/y.svg)](https://x)

[![npm](https://x/npm.svg)](https://x/npm)

Some **bold** text with \`code()\`,
wrapped, and a [link](https://example.com "t")<br>after a break. See [ref] &amp; https://a.b/c.

- one
- two
  continued
  1. first
  2. second
- [x] done

3) three

4) four

\`\`\`js
if (a < b) {

  run();
}
\`\`\`

> quoted
> text[^1]

| a | b |
|---|:-:|
| 1 | **2** |

<details><summary>More</summary>

inside ~~gone~~

</details>
<!-- comment -->
<script>alert(1)</script>

***

[ref]: https://example.com
[^1]: The note.
`;
    expect(markdownToText(markdown)).toBe(`A Title

Some bold text with code(), wrapped, and a link
after a break. See ref & https://a.b/c.

- one
- two continued
  1. first
  2. second
- [x] done

3. three

4. four

if (a < b) {

  run();
}

quoted text

a | b
1 | 2

More

inside gone

The note.`);
  });

  it('takes a rule at the start for a rule', () => {
    expect(markdownToText('---\n\nText after: a rule\n\n---\n\nMore')).toBe(
      'Text after: a rule\n\nMore',
    );
  });
});

describe('htmlToText', () => {
  it('keeps block structure and drops what is no text', () => {
    const html = `<!doctype html><html><head><title>T</title><style>p{}</style></head>
      <body><nav><a href=/>Home</a><p>menu</nav><h1>Head&shy;ing &amp; more</h1>
      <p>First   paragraph,<br>second&nbsp;line.</p><p>Unclosed <b>bold</b><i> italic</i>
      <script>if (a < b) document.write("<p>no</p>")</script>
      <div>block<div>nested</div>tail</div>
      <ul><li>one<li>two <ol><li>x</li><li>y</li></ol></li></ul>
      <pre>
  keep   this
    and that</pre>
      <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>
      <p hidden>hidden</p><p style="display: none">hidden</p><span aria-hidden="true">x</span>
      <p>caf&eacute; &#x4e16;&#30028; &lt;tag&gt; &unknown;</p></body></html>`;
    expect(htmlToText(html)).toBe(`Head\u00ading & more

First paragraph,
second\u00a0line.

Unclosed bold italic

block
nested
tail

- one
- two
  1. x
  2. y

  keep   this
    and that

a | b
1 | 2

café 世界 <tag> &unknown;`);
  });

  it('finds the main text of real pages, as Mozilla Readability expects it', (context) => {
    const { path, missing } = shared('pretrain/web/html');
    if (missing) return context.skip(missing);
    const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    const recalls = readdirSync(path).map((page) => {
      const names = readdirSync(join(path, page));
      const name = names.find((file) => file.startsWith('source.html')) ?? '';
      const bytes = readFileSync(join(path, page, name));
      const source = name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
      const expectedName = names.find((file) => file.startsWith('expected.html')) ?? '';
      const expectedBytes = readFileSync(join(path, page, expectedName));
      const expected = expectedName.endsWith('.gz') ? gunzipSync(expectedBytes) : expectedBytes;
      const text = htmlToText(source.toString());
      const ours = new Map<string, number>();
      for (const word of words(text)) ours.set(word, (ours.get(word) ?? 0) + 1);
      const wanted = words(htmlToText(expected.toString()));
      let found = 0;
      for (const word of wanted) {
        const left = ours.get(word) ?? 0;
        if (left > 0) found++;
        ours.set(word, left - 1);
      }
      return { page, recall: found / wanted.length };
    });
    expect(recalls.length).toBe(11);
    for (const { page, recall } of recalls) expect(recall, page).toBeGreaterThan(0.97);
  });

  it('takes any input', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            '<p>',
            '</p>',
            '<li>',
            '</ul>',
            '<ul>',
            '<pre>',
            '</pre>',
            '<nav>',
            'a ',
            '&amp',
            '<',
            '\n',
          ),
          { maxLength: 60 },
        ),
        (parts) => {
          const text = htmlToText(parts.join(''));
          expect(text).toBe(text.trim());
          expect(text).not.toMatch(/<(?:p|li|ul|pre|nav)>/);
        },
      ),
    );
    expect(htmlToText(`${'<div>'.repeat(4_000)}deep`)).toBe('deep');
    expect(() => htmlToText('<div>'.repeat(100_000))).toThrow(RangeError);
    expect(htmlToText(`${' '.repeat(1_000_000)}x`)).toBe('x');
  });
});

describe('extract', () => {
  it('goes by meta.type, and only once', async () => {
    const { documents } = await apply(extract(), [
      document('# A', 'a', { type: 'markdown', path: 'a' }),
      document('<b>x</b>', 'b', { type: 'html' }),
      document('# <b>', 'c', { type: 'text' }),
      document('# <b>', 'd'),
    ]);
    expect(documents.map(({ text }) => text)).toEqual(['A', 'x', '# <b>', '# <b>']);
    expect(documents[0].meta).toEqual({ type: 'text', extractedFrom: 'markdown', path: 'a' });
    expect((await apply(extract(), documents)).documents).toEqual(documents);
  });

  it('names what it drops', async () => {
    const { drops } = await apply(extract({ maxMarkup: 100_000 }), [
      document('a'.repeat(100_001), 'long', { type: 'markdown' }),
      document('['.repeat(20_000), 'marks', { type: 'markdown' }),
      document('<b>'.repeat(20_000), 'deep', { type: 'html' }),
      document('> '.repeat(9_000), 'quotes', { type: 'markdown' }),
      document('![badge](x.svg)', 'badge', { type: 'markdown' }),
    ]);
    expect(drops.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([
      'long: too-long-to-extract',
      'marks: too-complex',
      'deep: extract-failed',
      'quotes: extract-failed',
      'badge: no-text',
    ]);
  });
});

describe('extract, as a stage', () => {
  const inputs = ['# A\n\ntext', '![x](y)', '- b\n- c'].map((text, i) =>
    document(text, `d${i}`, { type: 'markdown' }),
  );
  stageSuite({ runner: { describe, it }, create: () => extract(), inputs });
});
