import { bundle } from '../../../tsup.base.js';

// The native library is built into dist/native first (native/build.mjs); leave it there.
export default bundle({ clean: ['!native/**'] });
