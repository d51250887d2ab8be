import type { Waiver } from '@heddle/core';
import type { Engine } from './engines/names.js';

/** What is known not to hold, engine by engine. */
export const WAIVERS: { readonly [E in Engine]?: readonly Waiver[] } = {
  webgpu: [
    {
      reason:
        'ScatterNd adds with atomics, in any order; a product with one-hot rows would spread NaN',
      tests: ['scatterAdd > the same bits twice'],
    },
  ],
};
