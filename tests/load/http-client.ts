import { connect, type Socket } from 'node:net';

export type Address = { host: string; port: number };
export type Request = { method?: string; path: string; headers?: Record<string, string>; body?: string };
export type HttpResponse = { status: number; head: string; body: string };
export type HttpClient = { send(request: Request): Promise<HttpResponse>; close(): void };

/**
 * Opens a keep-alive connection for one request at a time. It supports only the HTTP that the measured servers use, so
 * that the client takes little CPU of the machine.
 */
export function httpClient({ host, port }: Address): HttpClient {
  const socket = connect({ host, port, noDelay: true });
  let received = '';
  let settle: ((response: HttpResponse) => void) | undefined;
  let fail: (error: Error) => void = () => {};
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    const response = parse(received);
    if (!response) return;
    received = '';
    settle?.(response);
  });
  socket.on('error', (error) => fail(error));
  socket.on('close', () => fail(new Error('The connection was closed.')));
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        settle = resolve;
        fail = reject;
        write(socket, host, request);
      }),
    close: () => socket.destroy(),
  };
}

function write(socket: Socket, host: string, { method = 'POST', path, headers = {}, body = '' }: Request) {
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  if (body) head += `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  socket.write(`${head}\r\n${body}`);
}

/** Returns the response, or undefined until it is complete. */
function parse(received: string): HttpResponse | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = received.slice(0, end);
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: (\d+)/i.exec(head);
  const body = received.slice(end + 4);
  if (length) return body.length >= Number(length[1]) ? { status, head, body } : undefined;
  return body.endsWith('0\r\n\r\n') ? { status, head, body } : undefined;
}
