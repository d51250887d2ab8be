import { type FileHandle, open } from 'node:fs/promises';
import { withIo } from '@heddle/core';

/**
 * A new file that is written from front to back through a buffer. Every failure of the file system
 * (no room, no permission) is a HeddleError `io`.
 */
export class OutputFile {
  private pending: Uint8Array[] = [];
  private pendingBytes = 0;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly encode: (block: Uint8Array) => Promise<Uint8Array>,
    private readonly blockBytes: number,
  ) {}

  /** `encode` is given blocks of about `blockBytes` (compression); by default they go out as they are. */
  static async create(
    path: string,
    options: {
      readonly encode?: (block: Uint8Array) => Promise<Uint8Array>;
      readonly blockBytes?: number;
    } = {},
  ): Promise<OutputFile> {
    const { encode = async (block) => block, blockBytes = 1024 ** 2 } = options;
    const handle = await withIo('create', path, () => open(path, 'w'));
    return new OutputFile(path, handle, encode, blockBytes);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    if (this.pendingBytes >= this.blockBytes) await this.flush();
  }

  /** Writes over the beginning of the file, e.g. a header that is known at the end only. */
  async rewriteStart(bytes: Uint8Array): Promise<void> {
    await this.flush();
    await withIo('write', this.path, () => writeAll(this.handle, bytes, 0));
  }

  /** Writes what is left, and waits until it is on the disk. */
  async close(): Promise<void> {
    try {
      await this.flush();
      await withIo('write', this.path, () => this.handle.sync());
    } finally {
      await this.handle.close();
    }
  }

  /** Closes without writing what is left, after a failure. */
  async abandon(): Promise<void> {
    await this.handle.close().catch(() => {});
  }

  private async flush(): Promise<void> {
    if (this.pendingBytes === 0) return;
    const block = Buffer.concat(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    const encoded = await this.encode(block);
    await withIo('write', this.path, () => writeAll(this.handle, encoded));
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position?: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const at = position === undefined ? null : position + done;
    done += (await handle.write(bytes, done, bytes.length - done, at)).bytesWritten;
  }
}
