import { ToolError, type InputFile } from 'toolyard/sdk';

/** Which of ffmpeg's readers a detected type is given to, and no other: playlists are none of them, so nothing names further files. */
const READERS: Readonly<Record<string, string>> = {
  'video/mp4': 'mov',
  'video/quicktime': 'mov',
  'video/x-m4v': 'mov',
  'video/3gpp': 'mov',
  'video/3gpp2': 'mov',
  'audio/mp4': 'mov',
  'audio/x-m4a': 'mov',
  'video/matroska': 'matroska',
  'audio/matroska': 'matroska',
  'video/webm': 'matroska',
  'video/vnd.avi': 'avi',
  'video/mp1s': 'mpeg',
  'video/mp2p': 'mpeg',
  'video/mpeg': 'mpegvideo',
  'video/mp2t': 'mpegts',
  'video/ogg': 'ogg',
  'audio/ogg': 'ogg',
  'application/ogg': 'ogg',
  'video/x-flv': 'flv',
  'video/x-ms-asf': 'asf',
  'audio/x-ms-asf': 'asf',
  'audio/mpeg': 'mp3',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/wav': 'wav',
  'audio/aiff': 'aiff',
};

/** What cameras, telephones, browsers and recorders write. ffmpeg knows hundreds more, which stay shut. */
const DECODERS = `
  h264 hevc vp8 vp9 libdav1d av1 mpeg4 mpeg1video mpeg2video h263 theora mjpeg png flv vp6 vp6f
  msmpeg4v2 msmpeg4 wmv1 wmv2 wmv3 vc1 prores dnxhd aac mp3 mp3float mp2 mp2float mp1 mp1float ac3 eac3
  opus vorbis flac alac wmav1 wmav2 amrnb amrwb adpcm_ms adpcm_ima_wav pcm_u8 pcm_s8 pcm_alaw pcm_mulaw
  pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be pcm_f32le pcm_f32be pcm_f64le
`;

/** Width × height of one frame: 4096 × 4096, which is more than 4K. */
export const MAX_PIXELS = 16_777_216;
export const MAX_STREAMS = 32;

/** Detected types that tools for films and sounds take. */
export const INPUT_TYPES: readonly string[] = Object.keys(READERS);

/** The arguments, for ffmpeg and ffprobe, that open a file and nothing else. What it may do is said before its name. */
export function source({ path, type }: InputFile): string[] {
  const reader = READERS[type];
  if (reader === undefined)
    throw new ToolError('media_unreadable', 'The file is no film and no sound that can be read.');
  return [
    '-protocol_whitelist',
    'file',
    '-format_whitelist',
    reader,
    '-codec_whitelist',
    DECODERS.trim().split(/\s+/).join(','),
    '-max_streams',
    String(MAX_STREAMS),
    '-max_pixels',
    String(MAX_PIXELS),
    '-f',
    reader,
    '-i',
    `file:${path}`,
  ];
}
