import { backendSuite } from '@heddle/testkit';
import { describe, it } from 'vitest';
import { toyBackend } from '../src/backend.js';

backendSuite({ runner: { describe, it }, create: toyBackend });
