import { describe, it } from 'vitest';
import { backendSuite } from '../src/index.js';
import { MemoryBackend } from './memory-backend.js';

backendSuite({ runner: { describe, it }, create: () => new MemoryBackend() });
