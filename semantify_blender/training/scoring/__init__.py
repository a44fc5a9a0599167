"""Pictures and words to scores Ω (paper section 3.2): any CLIP, embeddings, scores."""
