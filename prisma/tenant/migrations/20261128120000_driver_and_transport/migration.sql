-- CreateEnum
CREATE TYPE "Driver" AS ENUM ('local', 'remote');
CREATE TYPE "Transport" AS ENUM ('direct', 'poll');

-- AlterTable
ALTER TABLE "AgentInstance" ALTER COLUMN "driver" TYPE "Driver" USING "driver"::"Driver",
ADD COLUMN     "transport" "Transport";

-- So far the address `poll:` said that a bridge polls.
UPDATE "AgentInstance" SET "transport" = CASE "bridgeUrl" WHEN 'poll:' THEN 'poll' ELSE 'direct' END::"Transport"
WHERE "bridgeUrl" IS NOT NULL;
UPDATE "AgentInstance" SET "bridgeUrl" = NULL WHERE "transport" = 'poll';
