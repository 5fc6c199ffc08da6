import { multipart } from '../test/multipart.ts';
import { type Client, unexpected } from './client.ts';
import { type Pace, taskId } from './pace.ts';

const OPTIONS = { format: 'webp', width: 320 };
const COMMENT = 'visit 00000000';
const DIGITS = 8;

/** What somebody with a photograph does. No two uploads are the same, so that nothing can be answered from memory. */
export class Visitor {
  private readonly contentType: string;
  private readonly body: Buffer;
  private readonly numberAt: number;
  private count = 0;

  constructor(photograph: Buffer) {
    const content = withComment(photograph, COMMENT);
    const { contentType, body } = multipart([
      { name: 'options', content: JSON.stringify(OPTIONS) },
      { name: 'file', filename: 'photograph.jpg', contentType: 'image/jpeg', content },
    ]);
    this.contentType = contentType;
    this.body = body;
    this.numberAt = body.indexOf(COMMENT) + COMMENT.length - DIGITS;
  }

  /** Uploads the photograph, waits until it is converted, and downloads what became of it. */
  async visit(client: Client, pace: Pace): Promise<Buffer> {
    const upload = Buffer.from(this.body);
    upload.write(String(this.count++).padStart(DIGITS, '0'), this.numberAt);
    const id = taskId(await client.post('/api/v1/tools/image-convert/process', this.contentType, upload));
    await pace.follow(client, id);
    const answer = await client.get(`/api/v1/tasks/${id}/result`);
    if (answer.status !== 200) throw unexpected(answer);
    return answer.body;
  }
}

/** A JPEG may carry a comment (segment COM, ITU-T T.81 B.2.4.5) right after its first two bytes. */
function withComment(photograph: Buffer, comment: string): Buffer {
  const length = 2 + comment.length;
  const segment = Buffer.from([0xff, 0xfe, length >> 8, length & 0xff, ...Buffer.from(comment)]);
  return Buffer.concat([photograph.subarray(0, 2), segment, photograph.subarray(2)]);
}
