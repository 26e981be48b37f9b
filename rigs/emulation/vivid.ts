import type { GuestKernel } from './guest-kernel.js'

/** The kernel's virtual camera (vivid) and what it stands on, in the order in which they can be loaded. */
const MODULES = [
  'drivers/media/mc/mc',
  'drivers/media/v4l2-core/videodev',
  'drivers/media/v4l2-core/v4l2-dv-timings',
  'drivers/media/common/v4l2-tpg/v4l2-tpg',
  'drivers/media/common/videobuf2/videobuf2-common',
  'drivers/media/common/videobuf2/videobuf2-v4l2',
  'drivers/media/common/videobuf2/videobuf2-memops',
  'drivers/media/common/videobuf2/videobuf2-vmalloc',
  'drivers/media/common/videobuf2/videobuf2-dma-contig',
  'drivers/media/rc/rc-core',
  'drivers/media/cec/core/cec',
  'drivers/media/test-drivers/vivid/vivid',
]

/** Shell lines that give a guest a camera at /dev/video0, which sees what is written to /dev/video1. */
export function vividSetUp(kernel: GuestKernel): string[] {
  return MODULES.map((module) => `insmod ${kernel.modules}/${module}.ko`)
}
