import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Awaitable, type Callback, type Params, withIo } from '@heddle/core';

export interface SamplerOptions {
  /** Samples after every so many steps. */
  readonly every: number;
  /** Makes the text, whole or in pieces, e.g. with `generate` of `@heddle/transformer`. */
  sample(params: Params, at: { readonly step: number }): Awaitable<string> | AsyncIterable<string>;
  /** Is shown each sample as well. */
  onSample?(text: string, step: number): void;
}

/** Writes what the model says every so often: `samples/step-N.txt` in the run's folder. */
export function sampler({ every, sample, onSample }: SamplerOptions): Callback {
  return {
    name: 'sampler',
    async onStep({ step }, run) {
      if (step % every !== 0) return;
      let text = '';
      const made = await sample(run.params, { step });
      if (typeof made === 'string') text = made;
      else for await (const piece of made) text += piece;
      if (run.directory !== undefined) {
        const folder = join(run.directory, 'samples');
        await withIo('write', folder, async () => {
          await mkdir(folder, { recursive: true });
          await writeFile(join(folder, `step-${step}.txt`), text);
        });
      }
      onSample?.(text, step);
    },
  };
}
