export { plugin } from './plugin.js';
export { type RedactEmailsOptions, redactEmails } from './redact-emails.js';
