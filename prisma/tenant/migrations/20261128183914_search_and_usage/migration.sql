-- AlterTable
ALTER TABLE "AgentTask" ADD COLUMN     "cachedTokens" INTEGER,
ADD COLUMN     "inputTokens" INTEGER,
ADD COLUMN     "model" TEXT,
ADD COLUMN     "outputTokens" INTEGER;

-- CreateTable
CREATE TABLE "SearchEntry" (
    "id" UUID NOT NULL,
    "sessionId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "terms" tsvector NOT NULL,

    CONSTRAINT "SearchEntry_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "SearchEntry_terms_idx" ON "SearchEntry" USING GIN ("terms");

-- CreateIndex
CREATE INDEX "SearchEntry_at_id_idx" ON "SearchEntry"("at" DESC, "id");

-- CreateIndex
CREATE INDEX "SearchEntry_sessionId_idx" ON "SearchEntry"("sessionId");

-- AddForeignKey
ALTER TABLE "SearchEntry" ADD CONSTRAINT "SearchEntry_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "AgentSession"("id") ON DELETE CASCADE ON UPDATE CASCADE;
