-- CreateEnum
CREATE TYPE "InstanceStatus" AS ENUM ('DEPLOYING', 'RUNNING', 'STOPPED', 'ERROR');

-- AlterTable
ALTER TABLE "Assistant" ALTER COLUMN "status" TYPE "InstanceStatus" USING "status"::"InstanceStatus";
