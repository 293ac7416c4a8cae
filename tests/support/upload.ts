/** Creates a form with one file, like a browser's. */
export function createForm(name: string, content: BlobPart, type = 'application/octet-stream') {
  const form = new FormData();
  form.append('file', new File([content], name, { type }));
  return form;
}

/** Uploads a form with the headers of these credentials. */
export async function upload(url: string, headers: Record<string, string>, form: BodyInit) {
  const response = await fetch(`${url}/api/v1/agent/attachments`, { method: 'POST', headers, body: form });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
