//! Sound into files: 16-bit mono PCM in RIFF. A library would be longer to call than its one header is.

/// The file's bytes; samples are −1.0 … 1.0.
pub fn wav(sound: &[f32], rate_hz: u32) -> Vec<u8> {
    let bytes = 2 * sound.len() as u32;
    let mut file = Vec::with_capacity(44 + bytes as usize);
    file.extend(b"RIFF");
    file.extend((36 + bytes).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(rate_hz.to_le_bytes());
    file.extend((2 * rate_hz).to_le_bytes());
    file.extend(2_u16.to_le_bytes());
    file.extend(16_u16.to_le_bytes());
    file.extend(b"data");
    file.extend(bytes.to_le_bytes());
    for sample in sound {
        file.extend(((sample.clamp(-1.0, 1.0) * 32_767.0) as i16).to_le_bytes());
    }
    file
}
