import type { Awaitable } from '@heddle/core';

/* What this package uses of gpu.js. Its own declarations would have to be installed beside ours. */

/** What a kernel gives: a typed array, rows of them, or an array that stays on the device. */
export type Result = Float32Array | readonly Result[] | ResidentArray;

/** An array on the device: a buffer of WebGPU or a texture of WebGL. */
export interface ResidentArray {
  readonly type: string;
  /** Of WebGPU. */
  readonly buffer?: CountedBuffer;
  toArray(): Awaitable<Result>;
  delete(): void;
}

/** gpu.js counts the handles on a buffer, and destroys it when none is left. */
export type CountedBuffer = GpuBuffer & { _refs: number };

export interface KernelSettings {
  readonly output: readonly number[];
  readonly argumentTypes: readonly string[];
  readonly functions: readonly KernelFunction[];
  readonly pipeline: true;
  readonly immutable: true;
  readonly dynamicOutput: true;
  readonly dynamicArguments: true;
  readonly loopMaxIterations: number;
  readonly precision: 'single';
}

/** A function that kernels call. */
export interface KernelFunction {
  readonly source: string;
  readonly settings: {
    readonly argumentTypes: Readonly<Record<string, 'Number' | 'Integer'>>;
    readonly returnType: 'Number' | 'Integer';
  };
}

/** A kernel that runs when it is called. */
export interface RunnableKernel {
  (...args: readonly unknown[]): Awaitable<Result>;
  setOutput(output: readonly number[]): void;
  build(...args: readonly unknown[]): Awaitable<void>;
  /** What runs it: its last output, and how many modules of WebAssembly it keeps. */
  readonly kernel: { outputBuffer?: CountedBuffer | null; moduleCacheLimit?: number };
}

export interface GpuInstance {
  createKernel(source: string, settings: KernelSettings): RunnableKernel;
  destroy(): Promise<void>;
}

export interface GpuLibrary {
  readonly GPU: {
    new (settings: { readonly mode: string }): GpuInstance;
    readonly isHeadlessGLSupported: boolean;
    readonly isWebGLSupported: boolean;
    readonly isWebAssemblySupported: boolean;
    isWebGPUAvailable(): Promise<boolean>;
  };
  /** The one device that all kernels of the process share. */
  readonly WebGPUContext: { acquire(): Promise<GpuContext> };
  readonly WebGPUBufferResult: new (settings: {
    readonly buffer: GpuBuffer;
    readonly output: readonly number[];
    readonly context: GpuContext;
  }) => ResidentArray;
}

export interface GpuContext {
  readonly adapter: { readonly info?: { readonly description?: string; readonly device?: string } };
  readonly device: GpuDevice;
}

/** What this package uses of WebGPU. */
export interface GpuDevice {
  readonly limits: { readonly maxStorageBufferBindingSize: number; readonly maxBufferSize: number };
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: {
    writeBuffer(buffer: GpuBuffer, offset: number, data: Float32Array): void;
    submit(commands: readonly unknown[]): void;
    onSubmittedWorkDone(): Promise<unknown>;
  };
  onuncapturederror: ((event: { readonly error: GpuError }) => void) | null;
  createBuffer(settings: { readonly size: number; readonly usage: number }): GpuBuffer;
  createCommandEncoder(): {
    copyBufferToBuffer(from: GpuBuffer, at: number, to: GpuBuffer, at2: number, n: number): void;
    finish(): unknown;
  };
  pushErrorScope(filter: 'validation' | 'out-of-memory'): void;
  popErrorScope(): Promise<GpuError | null>;
  destroy(): void;
}

export interface GpuBuffer {
  readonly size: number;
  mapAsync(mode: number, offset: number, size: number): Promise<unknown>;
  getMappedRange(offset: number, size: number): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

export interface GpuError {
  readonly message: string;
}

let loading: Promise<GpuLibrary> | undefined;

/** gpu.js, loaded when it is first needed: it looks for WebGL as it loads. */
export function loadLibrary(): Promise<GpuLibrary> {
  loading ??= import('gpu.js').then((module) => module.default as unknown as GpuLibrary);
  return loading;
}
