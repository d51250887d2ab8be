import { bundle } from '../../../tsup.base.js';

// native/build.mjs has built the kernels into dist/native and dist/wasm; leave them there.
export default bundle({
  entry: ['src/index.ts', 'src/browser.ts'],
  clean: ['!native/**', '!wasm/**'],
});
