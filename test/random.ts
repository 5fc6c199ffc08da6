/** Whole numbers from 0 up to, not including, `limit`; the same ones for the same seed (Park and Miller, 1993). */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}
