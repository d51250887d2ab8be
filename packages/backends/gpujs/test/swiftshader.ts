import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

/*
 * WebGPU without a graphics card: Dawn over SwiftShader, which Debian's chromium-common brings. To be
 * imported before anything asks for WebGPU.
 */

const folder = '/usr/lib/chromium';
const driver = join(folder, 'vk_swiftshader_icd.json');
const loader = join(folder, 'libvulkan.so.1');
/** RTLD_NODELETE: Node closes what turns out to be no addon. */
const KEEP = 0x1000;

/** Why there is nothing to test with; undefined if there is. */
export const missing: string | undefined = prepare();

function prepare(): string | undefined {
  if (process.env.VK_DRIVER_FILES || process.env.VK_ICD_FILENAMES) return undefined;
  if (!existsSync(driver)) return `no Vulkan driver is named, and ${driver} is not there`;
  process.env.VK_ICD_FILENAMES = driver;
  process.env.VK_DRIVER_FILES = driver;
  if (existsSync(loader)) {
    try {
      process.dlopen({ exports: {} }, loader, constants.dlopen.RTLD_NOW | KEEP);
    } catch {
      // It is no addon, but it is loaded now, and Dawn finds it by its name.
    }
  }
  return undefined;
}
