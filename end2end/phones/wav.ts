// What a recording sounds like.
import fs from 'node:fs'

/** The strongest frequency between 100 and 3400 Hz, to 10 Hz, in the middle second of a 16-bit WAV; null for silence. */
export function toneOf(file: string): number | null {
  const bytes = fs.readFileSync(file)
  if (bytes.length < 44 + 8000) return null
  const channels = bytes.readUInt16LE(22)
  const rate = bytes.readUInt32LE(24)
  const frames = Math.floor((bytes.length - 44) / 2 / channels)
  const length = Math.min(rate, frames)
  const first = Math.floor((frames - length) / 2)
  const samples = Array.from({ length }, (_, i) => bytes.readInt16LE(44 + (first + i) * 2 * channels))
  const loudness = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / length)
  if (loudness < 50) return null
  let strongest = 0
  let tone: number | null = null
  for (let hertz = 100; hertz <= 3400; hertz += 10) {
    const power = goertzel(samples, hertz / rate)
    if (power > strongest) [strongest, tone] = [power, hertz]
  }
  return tone
}

/** The power of one frequency, given in cycles per sample. */
function goertzel(samples: number[], frequency: number): number {
  const k = 2 * Math.cos(2 * Math.PI * frequency)
  let [s1, s2] = [0, 0]
  for (const sample of samples) [s1, s2] = [sample + k * s1 - s2, s1]
  return s1 * s1 + s2 * s2 - k * s1 * s2
}
