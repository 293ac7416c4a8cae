/** Lets the browser save a text as a file. */
export function downloadText(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  // The download has started when the next task runs.
  setTimeout(() => URL.revokeObjectURL(url));
}
