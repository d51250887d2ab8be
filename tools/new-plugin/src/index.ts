export {
  type CreatedPlugin,
  type CreatePluginOptions,
  createPlugin,
  describeCreated,
} from './create-plugin.js';
export type { CreateErrors } from './errors.js';
export { describeKinds, KINDS, type KindInfo, type PluginKind } from './kinds.js';
