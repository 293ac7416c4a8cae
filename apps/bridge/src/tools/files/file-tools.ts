import { editFile } from './edit-file.ts';
import { listFiles } from './list-files.ts';
import { readFile } from './read-file.ts';
import { viewImage } from './view-image.ts';
import { writeFile } from './write-file.ts';

/** The file tools, by name. */
export const fileTools = {
  read_file: readFile,
  write_file: writeFile,
  edit_file: editFile,
  list_files: listFiles,
  view_image: viewImage,
};
