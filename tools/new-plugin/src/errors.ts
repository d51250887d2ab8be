/** Codes of errors that beginning a plug-in can raise. */
export interface CreateErrors {
  /** No kind of part is called so. */
  'create/kind': { kind: string; known: readonly string[] };
  /** npm takes no package of this name. */
  'create/name': { name: string };
  /** Where the package should go, there is something. */
  'create/folder': { folder: string };
}

declare module '@heddle/core' {
  interface ErrorDetails extends CreateErrors {}
}
