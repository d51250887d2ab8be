import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { provideWebGPU } from '../src/dawn.js';

describe('navigator.gpu', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const given = (navigator: object | undefined): void => {
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  };
  const found = (): unknown => Reflect.get(globalThis, 'navigator');
  beforeEach(() => given(undefined));
  afterEach(() => {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  });

  it('is left alone where it is there', async () => {
    const navigator = { gpu: { own: true } };
    given(navigator);
    expect(await provideWebGPU()).toBeUndefined();
    expect(found()).toBe(navigator);
    expect(navigator.gpu).toEqual({ own: true });
  });

  it('is added to a navigator without it, as Node 21 and later have', async () => {
    const navigator = { userAgent: 'Node.js' };
    given(navigator);
    if (await provideWebGPU()) return; // the package webgpu is not for this platform
    expect(found()).toBe(navigator);
    expect(navigator).toMatchObject({ userAgent: 'Node.js' });
    expect('gpu' in navigator).toBe(true);
  });
});
