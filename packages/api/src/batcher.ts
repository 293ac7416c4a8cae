type Batches<Question, Answer> = {
  /** Answers a batch: one answer for each question, in their order. */
  ask(questions: Question[]): Promise<Answer[]>;
  /** How many batches may be under way, and how many questions one may have. */
  atOnce?: number;
  most?: number;
  /** Questions of the same key are never under way together. */
  keyOf?(question: Question): string;
};

/**
 * Answers many questions with few statements: a question goes out at once when it can, and those that come while it
 * cannot go out together. A busy server then asks its database as often as that answers, and no more. When a batch
 * fails, each of its questions is asked alone, so that none fails for another's sake.
 */
export function createBatcher<Question, Answer>({ ask, atOnce = 1, most = 500, keyOf }: Batches<Question, Answer>) {
  type Asked = PromiseWithResolvers<Answer> & { question: Question; key: string | undefined };
  const keys = new Set<string>();
  let waiting: Asked[] = [];
  let underWay = 0;

  function askMore() {
    while (underWay < atOnce && waiting.length > 0) {
      const batch: Asked[] = [];
      const later: Asked[] = [];
      for (const asked of waiting) {
        const canGo = batch.length < most && (asked.key === undefined || !keys.has(asked.key));
        if (canGo && asked.key !== undefined) keys.add(asked.key);
        (canGo ? batch : later).push(asked);
      }
      waiting = later;
      if (batch.length === 0) return;
      // Statements that lock what their keys name do so in the same order, and never wait for each other in a circle.
      if (keyOf) batch.sort((one, other) => (one.key! < other.key! ? -1 : 1));
      underWay++;
      void answer(batch).then(() => {
        underWay--;
        for (const { key } of batch) if (key !== undefined) keys.delete(key);
        askMore();
      });
    }
  }

  async function answer(batch: Asked[]) {
    try {
      const answers = await ask(batch.map(({ question }) => question));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index]!);
    } catch (error) {
      if (batch.length === 1) batch[0]!.reject(error);
      else await Promise.all(batch.map((asked) => answer([asked])));
    }
  }

  return (question: Question): Promise<Answer> => {
    const asked = { ...Promise.withResolvers<Answer>(), question, key: keyOf?.(question) };
    waiting.push(asked);
    askMore();
    return asked.promise;
  };
}

type TenantBatches<Question, Answer> = Omit<Batches<Question, Answer>, 'ask'> & {
  ask(tenantId: string, questions: Question[]): Promise<Answer[]>;
};

/** The same for statements on the tables of one tenant. */
export function createTenantBatcher<Question, Answer>({ ask, ...batches }: TenantBatches<Question, Answer>) {
  const tenants = new Map<string, (question: Question) => Promise<Answer>>();
  return (tenantId: string, question: Question): Promise<Answer> => {
    let askTenant = tenants.get(tenantId);
    if (!askTenant) {
      askTenant = createBatcher({ ...batches, ask: (questions) => ask(tenantId, questions) });
      tenants.set(tenantId, askTenant);
    }
    return askTenant(question);
  };
}
