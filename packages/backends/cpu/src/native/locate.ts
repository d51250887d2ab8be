import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The library's file name on this platform. */
export function libraryFile(platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return 'heddle_cpu.dll';
  return `libheddle_cpu.${platform === 'darwin' ? 'dylib' : 'so'}`;
}

/** The package with the library for this platform, e.g. @heddle/cpu-linux-x64-gnu. */
export function platformPackage(): string {
  const { platform, arch } = process;
  const libc = platform === 'linux' ? `-${isMusl() ? 'musl' : 'gnu'}` : '';
  return `@heddle/cpu-${platform}-${arch}${libc}`;
}

/** Whether this Node runs on musl instead of glibc, which its report then does not name. */
function isMusl(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
}

/**
 * Where the library may be, the best first: the file that HEDDLE_CPU_LIBRARY names (and that alone),
 * the platform's package, this package's own build, and, when the sources run, what was built last.
 */
export function libraryPaths(): string[] {
  const given = process.env.HEDDLE_CPU_LIBRARY;
  if (given) return [given];
  const own = ['./native/', '../../dist/native/'].map((folder) =>
    fileURLToPath(new URL(folder + libraryFile(), import.meta.url)),
  );
  return [...packaged(), ...own].filter((path) => existsSync(path));
}

function packaged(): string[] {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${platformPackage()}/package.json`);
    return [join(dirname(manifest), libraryFile())];
  } catch {
    return []; // not installed: an optional dependency of few platforms
  }
}
