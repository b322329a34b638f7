/** What every run store promises of content that is kept beside the log. Part of the store suite. */
import type { StoreSuite } from './store-bench.ts';

/** SHA-256 of no bytes and of the three bytes `abc` (FIPS 180-2, appendix B.1). */
export const HASH_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const HASH_OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function blobs({ describe, expect, withStore, codeOf }: StoreSuite): void {
  describe('blobs', () => {
    withStore('are named by the SHA-256 of their bytes and come back as they went in', async ({ store }) => {
      expect(await store.putBlob(bytesOf('abc'))).toBe(HASH_OF_ABC);
      expect(await store.putBlob(bytesOf('abc'))).toBe(HASH_OF_ABC);
      expect(await store.getBlob(HASH_OF_ABC)).toEqual(bytesOf('abc'));
    });

    withStore('may be any bytes, large ones too', async ({ store }) => {
      const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
      const repeating = Uint8Array.from({ length: 5_242_880 }, (_, index) => (index * index) % 251);
      for (const bytes of [everyByte, repeating]) {
        const kept = await store.getBlob(await store.putBlob(bytes));
        expect(kept.length).toBe(bytes.length);
        // Compared byte by byte here: structural comparison of millions of elements takes many seconds.
        expect(kept.every((byte, index) => byte === bytes[index])).toBe(true);
      }
    });

    withStore('of no bytes are always there, since events name them without putting them', async ({ store }) => {
      expect(await store.getBlob(HASH_OF_NOTHING)).toEqual(new Uint8Array());
      expect(await store.putBlob(new Uint8Array())).toBe(HASH_OF_NOTHING);
      expect(await store.getBlob(HASH_OF_NOTHING)).toEqual(new Uint8Array());
    });

    withStore(
      'may be put many at a time: known ones, the same one twice and an empty one among them',
      async ({ store }) => {
        await store.putBlob(bytesOf('abc'));
        const many = ['a part', 'abc', '', 'a part', 'another'].map(bytesOf);
        const hashes = await store.putBlobs(many);
        expect(hashes[1]).toBe(HASH_OF_ABC);
        expect(hashes[2]).toBe(HASH_OF_NOTHING);
        expect(hashes[3]).toBe(hashes[0]);
        expect(await Promise.all(hashes.map((hash) => store.getBlob(hash)))).toEqual(many);
        expect(await store.putBlobs(many)).toEqual(hashes);
        expect(await store.putBlobs([])).toEqual([]);
      },
    );

    withStore('are not changed by what happens to the bytes that were put or got', async ({ store }) => {
      const bytes = bytesOf('abc');
      await store.putBlob(bytes);
      bytes[0] = 0;
      const got = await store.getBlob(HASH_OF_ABC);
      got[0] = 0;
      expect(await store.getBlob(HASH_OF_ABC)).toEqual(bytesOf('abc'));
    });

    withStore('that are missing are named as such', async ({ store }) => {
      expect(await codeOf(store.getBlob(HASH_OF_ABC))).toBe('LW_BLOB_MISSING');
      expect(await codeOf(store.getBlob('no hash at all'))).toBe('LW_BLOB_MISSING');
    });
  });
}
