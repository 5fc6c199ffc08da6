/** Takes an SQLite file for itself, says so, and keeps it until it is killed: `node lock-holder.ts <path>`. */
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(process.argv[2] ?? '', { timeout: 10_000 });
database.exec('begin exclusive');
process.stdout.write('held\n');
setInterval(() => database.isOpen, 60_000);
