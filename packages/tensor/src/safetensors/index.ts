export type { SafetensorsHeader, TensorInfo } from './header.js';
export {
  type LoadSafetensorsOptions,
  loadSafetensors,
  readSafetensorsHeader,
} from './read.js';
export { type SaveSafetensorsOptions, saveSafetensors } from './write.js';
