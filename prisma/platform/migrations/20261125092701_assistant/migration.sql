-- CreateTable
CREATE TABLE "Assistant" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "engineType" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "statusDetail" TEXT,
    "bridgeUrl" TEXT,
    "bridgeSecret" BYTEA NOT NULL,
    "modelName" TEXT,
    "scripted" BOOLEAN NOT NULL DEFAULT false,
    "taskMinutes" INTEGER NOT NULL DEFAULT 30,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Assistant_pkey" PRIMARY KEY ("id")
);
