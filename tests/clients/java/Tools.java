// Runs the main classes of Kafka's tools in one JVM, since most of a tool's time is the start of its own. A line of
// standard input is a main class and its arguments, with tabs between them; each line that the tool prints comes back
// behind `| `, and then `exit CODE`.
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.kafka.common.utils.Exit;

public class Tools {
  // What a tool's first call of Exit throws; some tools catch everything and call it again.
  static class Ended extends Error {
    Ended() { super("exit", null, false, false); }
  }

  static Integer code;

  static void end(int status) {
    if (code == null) code = status;
    throw new Ended();
  }

  static int run(String main, String[] arguments) throws Throwable {
    code = null;
    try {
      Class.forName(main).getMethod("main", String[].class).invoke(null, (Object) arguments);
    } catch (java.lang.reflect.InvocationTargetException problem) {
      if (code == null) {
        problem.getCause().printStackTrace();
        code = 1;
      }
    }
    return code == null ? 0 : code;
  }

  public static void main(String[] ignored) throws Throwable {
    PrintStream answers = System.out;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream saying = new PrintStream(said, true, StandardCharsets.UTF_8);
    System.setOut(saying);
    System.setErr(saying);
    Exit.setExitProcedure((status, message) -> end(status));
    Exit.setHaltProcedure((status, message) -> end(status));
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = lines.readLine()) != null; ) {
      String[] words = line.split("\t");
      said.reset();
      int status = run(words[0], Arrays.copyOfRange(words, 1, words.length));
      saying.flush();
      said.toString(StandardCharsets.UTF_8).lines().forEach(each -> answers.println("| " + each));
      answers.println("exit " + status);
    }
    System.exit(0);
  }
}
