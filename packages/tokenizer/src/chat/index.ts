export {
  type AppliedChat,
  type ApplyChatTemplateOptions,
  applyChatTemplate,
  type ChatMessage,
  type RenderChatOptions,
  renderChat,
} from './apply-chat-template.js';
export { type ChatTemplate, chatTemplate } from './chat-template.js';
export type { ChatErrors } from './errors.js';
export { chatTemplateFromConfig, type TemplateConfigOptions } from './template-config.js';
