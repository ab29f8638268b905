//! The lengths of tuples for which columns, filters and bundles implement their traits: one to twelve elements.

/// Calls a macro once for each length of a tuple, with as many names of types.
#[doc(hidden)]
macro_rules! for_tuples {
    ($macro:ident) => {
        $macro!(A);
        $macro!(A B);
        $macro!(A B C);
        $macro!(A B C D);
        $macro!(A B C D E);
        $macro!(A B C D E G);
        $macro!(A B C D E G H);
        $macro!(A B C D E G H I);
        $macro!(A B C D E G H I J);
        $macro!(A B C D E G H I J K);
        $macro!(A B C D E G H I J K L);
        $macro!(A B C D E G H I J K L M);
    };
}

pub(crate) use for_tuples;
