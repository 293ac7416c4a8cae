-- CreateEnum
CREATE TYPE "InstanceWish" AS ENUM ('RUNNING', 'STOPPED', 'REMOVED');

-- AlterTable
ALTER TABLE "AgentInstance" ADD COLUMN     "cpuPercent" DOUBLE PRECISION,
ADD COLUMN     "memoryBytes" BIGINT,
ADD COLUMN     "model" JSONB,
ADD COLUMN     "modelKey" BYTEA,
ADD COLUMN     "revision" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "runningSince" TIMESTAMPTZ(3),
ADD COLUMN     "wish" "InstanceWish" NOT NULL DEFAULT 'RUNNING';

-- Whoever was stopped stays so.
UPDATE "AgentInstance" SET "wish" = 'STOPPED' WHERE "status" = 'STOPPED';
