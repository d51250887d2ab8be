import type { DeviceLimits } from '@heddle/core';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import type { Engine } from './names.js';

/** An engine that can serve. */
export interface OpenEngine {
  readonly engine: Engine;
  /** The backend of tfjs that is registered under the engine's name. */
  readonly backend: KernelBackend;
  /** What computes, e.g. "libtensorflow 2.9.1 on a CUDA device". */
  readonly what: string;
  /** Whether it computes on a graphics processor. */
  readonly gpu: boolean;
  readonly limits?: DeviceLimits;
  /** Resolves once the device has done all that it was given. */
  sync?(): Promise<void>;
}

/** Why an engine cannot serve, and what would mend it. */
export interface Refusal {
  readonly engine: Engine;
  readonly reason: string;
  /** A command or what else to do. */
  readonly remedy: string;
}

export type Opening = OpenEngine | Refusal;

export const isOpen = (opening: Opening): opening is OpenEngine => 'backend' in opening;

/** The refusal in words. */
export const explained = ({ engine, reason, remedy }: Refusal): string =>
  `${engine}: ${reason} (${remedy})`;
