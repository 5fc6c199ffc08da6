import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/config/config.load.js';
import { receiptOf } from '../../../src/tasks/receipts/receipt.document.js';
import { isSigned, ReceiptKey } from '../../../src/tasks/receipts/receipt.key.js';
import { pendingTask } from '../task.rows.js';

describe('the signature of a receipt', () => {
  const key = new ReceiptKey(loadConfig({ RECEIPT_SECRET: 'a secret of receipts that nobody can guess' }));
  const { receipt, signature } = key.sign(receiptOf(pendingTask({ status: 'completed', options: { quality: null } })));
  const verify = (text: string) => isSigned(JSON.parse(text), signature, [key.public]);
  const text = JSON.stringify(receipt);

  it('holds for the very same values', () => {
    expect(verify(text)).toBe(true);
    expect(verify(text.replaceAll(',', ' , '))).toBe(true);
  });

  it.each([
    ['another number', '1'],
    ['a number that is too large for JSON', '1e400'],
    ['one that is too small', '-1e400'],
  ])('does not hold when null became %s', (_, number) => {
    const forged = text.replace('"quality":null', `"quality":${number}`);

    expect(forged).not.toBe(text);
    expect(verify(forged)).toBe(false);
  });
});
