import type { News } from '@it0/bus/bus';

/** What the bus brought for one reader: pushed by it, pulled by the subscription. Ends when `signal` aborts. */
export class NewsQueue implements AsyncIterable<News> {
  #news: News[] = [];
  #ended = false;
  #wake: () => void = () => {};

  constructor(signal: AbortSignal | undefined) {
    this.#ended = signal?.aborted ?? false;
    signal?.addEventListener('abort', () => this.end(), { once: true });
  }

  push(news: News) {
    this.#news.push(news);
    this.#wake();
  }

  end() {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator]() {
    while (!this.#ended) {
      const news = this.#news.shift();
      if (news) yield news;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
