/** What a page, or a worker of it, encodes. */
export interface EncodeRequest {
  readonly tokenizer: unknown;
  readonly texts: readonly string[];
}

/** Makes a function callable from the test and, in a worker, by messages. */
export function serve(encode: (request: EncodeRequest) => number[][]): void {
  Object.assign(globalThis, {
    encodeTexts: encode,
    onmessage: ({ data }: { data: EncodeRequest }) => {
      const { postMessage } = globalThis as { postMessage?: (reply: unknown) => void };
      postMessage?.(encode(data));
    },
  });
}
