export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface RunOptions {
  readonly capture?: boolean;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunResult {
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

export const root: string;
export function packageFolders(): string[];
export function manifestOf(folder: string): Manifest;
export function layerOf(folder: string): number;
export function run(
  command: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<RunResult>;
export function pnpm(args: readonly string[], options?: RunOptions): Promise<RunResult>;
export function tool(
  name: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<RunResult>;
export function requireNode(): void;
export function installAndBuild(): Promise<void>;
