// Loaded dynamically by progress.ts only: an own ESM file keeps the chunk to these names.
export {
  LISTR_DEFAULT_RENDERER_STYLE,
  Listr,
  type ListrDefaultRendererLogLevels,
  ListrLogger,
  ProcessOutput,
} from 'listr2';
