import { bundle } from '../../tsup.base.js';

export default bundle({
  entry: [
    'src/index.ts',
    'src/chat/index.ts',
    'src/formats/index.ts',
    'src/parts-index.ts',
    'src/node.ts',
    'src/batch/worker.ts',
    'src/train/count-worker.ts',
  ],
});
