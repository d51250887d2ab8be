// The packages that carry the built library, one for each platform.
//
//   node native/platforms.mjs pack LIBRARIES OUT [PLATFORM]   makes OUT/cpu-<platform>/ from LIBRARIES/<platform>/<file>,
//                                                             of all platforms or one
//   node native/platforms.mjs depend                          makes them optional dependencies of @heddle/cpu
//
// They are made at release, when all libraries are there, with the version of @heddle/cpu; `depend` changes its
// package.json in the checkout that publishes only. So the workspace installs on any platform.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** By the names that `process.platform` and `process.arch` have. */
const PLATFORMS = [
  { name: 'linux-x64-gnu', os: 'linux', cpu: 'x64', libc: 'glibc' },
  { name: 'linux-x64-musl', os: 'linux', cpu: 'x64', libc: 'musl' },
  { name: 'linux-arm64-gnu', os: 'linux', cpu: 'arm64', libc: 'glibc' },
  { name: 'linux-arm64-musl', os: 'linux', cpu: 'arm64', libc: 'musl' },
  { name: 'darwin-x64', os: 'darwin', cpu: 'x64' },
  { name: 'darwin-arm64', os: 'darwin', cpu: 'arm64' },
  { name: 'win32-x64', os: 'win32', cpu: 'x64' },
  { name: 'win32-arm64', os: 'win32', cpu: 'arm64' },
];

/** The library's file name; src/native/locate.ts looks for it. */
export function libraryFile(platform) {
  if (platform === 'win32') return 'heddle_cpu.dll';
  return `libheddle_cpu.${platform === 'darwin' ? 'dylib' : 'so'}`;
}

const manifestPath = join(dirname(fileURLToPath(import.meta.url)), '..', 'package.json');

/** Makes the package of one platform from its library; returns its folder. */
function packPlatform({ name, os, cpu, libc }, library, out) {
  const { version, license, repository, engines } = JSON.parse(readFileSync(manifestPath, 'utf8'));
  const folder = join(out, `cpu-${name}`);
  const file = libraryFile(os);
  mkdirSync(folder, { recursive: true });
  copyFileSync(library, join(folder, file));
  const manifest = {
    name: `@heddle/cpu-${name}`,
    version,
    description: `The native kernels of @heddle/cpu for ${name}.`,
    license,
    repository,
    engines,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    files: [file],
    publishConfig: { access: 'public' },
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(
    join(folder, 'README.md'),
    `# @heddle/cpu-${name}\n\nThe native kernels of \`@heddle/cpu\` for ${name}: an optional dependency of it, nothing to use alone.\n`,
  );
  return folder;
}

function packAll(libraries, out, only) {
  const missing = [];
  for (const platform of PLATFORMS.filter(({ name }) => only === undefined || name === only)) {
    const library = join(libraries, platform.name, libraryFile(platform.os));
    if (existsSync(library)) console.log(packPlatform(platform, library, out));
    else missing.push(platform.name);
  }
  if (missing.length === 0) return;
  console.error(`no library for ${missing.join(', ')} in ${libraries}`);
  process.exitCode = 1;
}

function depend() {
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
  manifest.optionalDependencies = Object.fromEntries(
    PLATFORMS.map(({ name }) => [`@heddle/cpu-${name}`, manifest.version]),
  );
  writeFileSync(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [command, ...paths] = process.argv.slice(2);
  if (command === 'pack' && (paths.length === 2 || paths.length === 3)) packAll(...paths);
  else if (command === 'depend') depend();
  else {
    console.error('usage: node native/platforms.mjs pack LIBRARIES OUT [PLATFORM] | depend');
    process.exitCode = 2;
  }
}
