import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { HeddleError, ioError, withIo } from '../src/index.js';

describe('ioError', () => {
  it.each([
    ['ENOENT', 'no such file or folder (ENOENT). Check the path'],
    ['EISDIR', 'it is a folder, not a file (EISDIR). Name a file'],
    ['EACCES', 'permission denied (EACCES). Choose another path'],
    ['ENOSPC', 'the disk is full (ENOSPC). Free some space'],
  ])('says what %s means and how to mend it', (code, words) => {
    const cause = Object.assign(new Error(`${code}: what the system says`), { code });
    const error = ioError('write', 'runs/a.json', cause);
    expect(error.message).toContain(`Cannot write runs/a.json: ${words}`);
    expect(error).toMatchObject({
      code: 'io',
      details: { path: 'runs/a.json', operation: 'write' },
      cause,
    });
  });

  it.each([
    [Object.assign(new Error('EPROTO: protocol error, read'), { code: 'EPROTO' }), 'EPROTO: proto'],
    [Object.assign(new Error('odd'), { code: 5 }), 'odd. Check'],
    ['a string', 'a string. Check'],
    [undefined, 'undefined. Check'],
    [null, 'null. Check'],
  ])('hands on what else was thrown: %s', (cause, words) => {
    const error = ioError('read', 'a.json', cause);
    expect(error.message).toContain(`Cannot read a.json: ${words}`);
    expect(error.cause).toBe(cause);
  });
});

describe('withIo', () => {
  it('gives what the action gives', async () => {
    expect(await withIo('read', 'a', async () => 3)).toBe(3);
  });

  it('turns what the file system throws into an error that names the path', async () => {
    const path = `${tmpdir()}/heddle-no-such-folder/a`;
    await expect(withIo('open', path, () => open(path))).rejects.toMatchObject({
      code: 'io',
      details: { path, operation: 'open' },
      message: expect.stringContaining('no such file or folder'),
      cause: { code: 'ENOENT', path },
    });
    // The system names no path here: it is known only where the file was opened.
    await expect(withIo('read', tmpdir(), () => readFile(tmpdir()))).rejects.toMatchObject({
      message: `Cannot read ${tmpdir()}: it is a folder, not a file (EISDIR). Name a file.`,
    });
  });

  it.each([
    new TypeError('a mistake in the program'),
    Object.assign(new Error('stopped'), { code: 'ABORT_ERR' }),
    new HeddleError('bad-file', 'a is cut short.', { path: 'a', reason: 'cut short' }),
    ioError('read', 'inner', Object.assign(new Error(), { code: 'EIO', syscall: 'read' })),
    'a string',
    null,
  ])('lets other errors through as they are: %s', async (error) => {
    const given = await withIo('read', 'a', () => Promise.reject(error)).then(
      () => 'nothing',
      (thrown: unknown) => thrown,
    );
    expect(given).toBe(error);
  });
});
